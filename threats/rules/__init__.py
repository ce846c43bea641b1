"""What the portal takes a record to be: kinds, harm, names, grades, people, what is secret.

Each rule stands once; forms, REST, calls of many, sheets and imports all ask here.
"""
