"""Plans, subscriptions, quotas, and by what an order is paid."""
