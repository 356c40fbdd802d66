"""How budgets, goals and limits stand by what is stored."""
