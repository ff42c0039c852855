"""Every record that Signpost keeps: tables, migrations, and one module of queries for each kind of record."""
