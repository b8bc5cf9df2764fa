import json
import subprocess

import pytest

from chatapp.lib.bundle import BundleError, bundle


def run(sources: dict[str, str]):
    """The values that the module `main` passes to `say(…)`, bundled and run in Node."""
    script = "const said = []; const say = (word) => said.push(word)\n" + bundle("main", sources)
    command = ["node", "--input-type=module", "-e", script + "\nconsole.log(JSON.stringify(said))"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_module_gets_what_it_imports_by_any_name():
    library = "const a = 1\nexport const b = 2\nexport function c() { return 3 }\n"
    library += "export default class {}\nexport { a, c as d };"
    main = 'import Thing, { a, b as two, c } from "lib"\nimport { d } from "lib"\nimport * as all from "lib"\n'
    assert run({"lib": library, "main": main + "say([a, two, c(), d(), all.b, typeof Thing, typeof all.default])"}) == [
        [1, 2, 3, 3, 2, "function", "function"]
    ]


def test_names_over_several_lines_and_imports_for_their_effect_are_known():
    main = 'import {\n  one,\n  two,\n} from "lib"\nimport "effect"\nsay(one + two)'
    sources = {"lib": "export const one = 1\nexport const two = 2", "effect": 'say("effect")', "main": main}
    assert run(sources) == ["effect", 3]


def test_a_default_class_with_a_name_is_known_by_it_in_its_own_module_too():
    assert run({"main": "export default class Named {}\nsay(new Named() instanceof Named)"}) == [True]


def test_each_module_runs_once_and_after_those_that_it_imports():
    both = 'import "base"\n'
    sources = {"base": 'say("base")', "a": both + 'say("a")', "b": both + 'say("b")', "main": 'import "a"\nimport "b"'}
    assert run(sources) == ["base", "a", "b"]


def test_a_module_may_name_its_neighbours_as_browsers_and_node_do():
    sources = {
        "main": 'import { a } from "turbo/a"\nsay(a)',
        "turbo/a": 'import { b } from "./b.js"\nimport { c } from "../lib/c.js"\nexport const a = [b, c]',
        "turbo/b": "export const b = 1",
        "lib/c": "export const c = 2",
    }
    assert run(sources) == [[1, 2]]


def test_names_of_one_module_are_unknown_in_another():
    assert run({"a": "const name = 1", "main": 'import "a"\nsay(typeof name)'}) == ["undefined"]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"main": 'import "gone"'}, "main imports gone, which does not exist"),
        ({"main": 'import "a"', "a": 'import "main"'}, "main → a → main"),
        ({"main": 'export * from "a"'}, "main: this form is not known here: export"),
        ({"main": "export let changing = 1"}, "main: this form is not known here: export let"),
        ({"main": "import a from 'single quotes'"}, "main: this form is not known here: import"),
    ],
)
def test_what_it_does_not_know_is_refused_and_named(sources, words):
    with pytest.raises(BundleError, match=words):
        bundle("main", sources)
