"""What both halves share; knows no Home Assistant, imports inside are relative."""
