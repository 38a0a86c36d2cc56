"""What somebody who adds a service works with: a new package that runs, the tests that every service must pass, and bodies for them.

`bodies` finds a service's contract bodies, `values` makes the changed ones, and the modules named `…_checks` say what must hold; each check
gives sentences about what does not. `contract` makes tests of them for pytest, with the options of `pytest_plugin`. The command's group
`service` is on top; nothing that runs the pipeline knows this package.
"""
