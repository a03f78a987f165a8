"""What analysis leaves behind to be searched later: small pictures, and where something moved.

The motion index says which cells of which camera moved in which second, and which seconds were watched at all: `noting`
turns a pull's analysed pictures into records, `log` appends them in a thread of its own, `days` is what a camera-day
holds, `block` its sealed form, `shelf` the files, `search` and `density` the questions, `answer` the lawful answers.
"""
