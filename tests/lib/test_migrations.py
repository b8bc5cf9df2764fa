from chatapp.lib.migrations import each_once


def test_steps_go_on_behind_the_last_one_that_was_done():
    planned = []

    def plan(heads, context):
        planned.append(heads)
        return [1, 2, 3]

    steps = each_once(plan)
    first = steps("old", None)
    assert (next(first), next(first)) == (1, 2)  # and the second one failed
    assert list(steps("new", None)) == [2, 3]
    assert list(steps("newer", None)) == [] and planned == ["old"]
