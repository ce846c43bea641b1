"""Risk of violence against civilians near each community: numbers in, numbers out.

No Django here. ``evidence`` holds the arrays, ``kernels`` the decay in time and distance,
``intensity`` the additive model, its probability and its exact contributions, ``bands`` the cut
points from probability to likelihood.
"""
