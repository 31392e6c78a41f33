"""A language server: what a review would say, while the code is being typed.

Source: the Language Server Protocol 3.17,
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/.
"""
