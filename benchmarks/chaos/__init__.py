"""Reviews while workers are killed, the database is restarted and the forge fails: is anything lost, or told twice?"""
