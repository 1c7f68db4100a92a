"""Users behind FastAPI: a model for the content, a dict that keeps what jsonable_encoder makes of it."""

from fastapi import FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel


class User(BaseModel):
    name: str
    email: str


app = FastAPI()
users = {}


@app.get("/users/{user_id}", response_model=User)
async def read_user(user_id: str):
    if user_id not in users:
        raise HTTPException(status_code=404, detail="no such user")
    return users[user_id]


@app.put("/users/{user_id}", response_model=User)
async def update_user(user_id: str, user: User):
    users[user_id] = jsonable_encoder(user)
    return users[user_id]
