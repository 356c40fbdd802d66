"""How budgets, goals and limits stand: pure functions of what was used, and a moment."""
