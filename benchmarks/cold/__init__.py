"""Small jobs as whole programs: three moving-average crosses on five symbols, from `python` to the printed equity.

Each takes the folder of the prices and prints the last equity; they are written as the manual of each peer has it.
"""
