"""The software-defined assets, one module each; nothing but Dagster glue over the plain modules beside this package."""
