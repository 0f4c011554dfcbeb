"""Somebody who makes pictures: the contract that every provider keeps."""
