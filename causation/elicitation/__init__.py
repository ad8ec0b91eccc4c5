"""Elicitation: asking experts for the shares of a prior set, and putting the answers together."""
