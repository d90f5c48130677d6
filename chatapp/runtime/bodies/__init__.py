"""Long bodies: taken in piece by piece, a few at a time.

reception   one that is under way, as far as it has come; pieces: what of it is held
admissions  how many may be under way, and whose
under_way   who sends them, as the application knows it
"""
