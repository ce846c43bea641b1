"""Risk of violence against civilians near each community: numbers in, numbers out.

No Django here. From the ground up: ``evidence`` holds incidents as arrays, ``kernels`` their decay
in time and distance, ``sums`` adds them up per place, ``intensity`` turns sums into expected
incidents, probability and exact contributions, ``fitting`` learns its weights. ``targets`` says
what is forecast, ``baselines`` what a forecast must beat, ``skill`` how good it was, and
``backtest`` rolls all of it through time without looking ahead. ``bands`` holds the cut points from
probability to likelihood.
"""
