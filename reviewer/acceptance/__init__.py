"""What is already accepted: settings, waivers and the baseline, and the identity that they all refer to."""
