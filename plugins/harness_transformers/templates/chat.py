"""The chat model: a causal language model on this machine, by transformers. Settings are in chat.json.

A closed question is answered with the choice of the largest likelihood, all to the token that ends them where
one begins another. An answer under a JSON schema is held to it token by token (constraint.py).
"""

import copy
import json
from itertools import pairwise

import torch
import weights
from constraint import Grammars
from jinja2 import TemplateError
from transformers import AutoModelForCausalLM, AutoTokenizer

PLAIN_END = "\n\n"  # ends an answer of a model without a chat template


def load(folder):
    return Chat(folder)


class Chat:
    def __init__(self, folder):
        settings = json.loads((folder / "chat.json").read_text(encoding="utf-8"))
        place = weights.find(folder, settings["weights"])
        file = {"gguf_file": place.name} if place.is_file() else {}
        home = place.parent if file else place
        self.tokenizer = AutoTokenizer.from_pretrained(home, **file)
        dtype = getattr(torch, settings["dtype"])
        # A GGUF file's numbers are unpacked as float32 and rounded afterwards.
        model = AutoModelForCausalLM.from_pretrained(home, dtype=torch.float32 if file else dtype, **file)
        model = model.to(device=weights.device(), dtype=dtype)
        if settings["adapter"]:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, folder / settings["adapter"]).merge_and_unload()
        self.model = model.eval()
        self.window = settings["window"]
        self.plain = not self.tokenizer.chat_template
        self.end = self._end()
        vocabulary = self.model.config.get_text_config().vocab_size
        self.grammars = Grammars(self.tokenizer, vocabulary, self._ends())

    def tokens(self, messages):
        try:
            return len(self._prompt(messages)[0])
        except ValueError:  # the template refuses the conversation
            return sum(len(self._bare(m["content"])) for m in messages)

    @torch.inference_mode()
    def complete(self, request):
        try:
            ids, tail = self._prompt(request["messages"])
        except ValueError as error:
            return {"failure": f"template: {error}"}
        answers = self._answers(tail, request["choices"])
        longest = max(map(len, answers.values()), default=request["max_tokens"])
        if len(ids) + longest > self.window:
            said = f"prompt of {len(ids)} tokens and answer of up to {longest} exceed the window of {self.window}"
            return {"failure": f"too-long: {said}"}
        if answers:
            return self._score(ids, answers)
        return self._generate(ids, request["max_tokens"], self.grammars.held(request["schema"]))

    def _score(self, ids, answers):
        """Log-likelihood of each answer behind the prompt, whose states are computed once."""
        device = self.model.device
        prompt = torch.tensor([ids[:-1]], device=device)
        past = self.model(input_ids=prompt, use_cache=True).past_key_values if len(ids) > 1 else None
        logprobs = {}
        for choice, tokens in answers.items():
            behind = torch.tensor([[ids[-1], *tokens[:-1]]], device=device)
            logits = self.model(input_ids=behind, past_key_values=copy.deepcopy(past), use_cache=True).logits[0]
            rows = logits.float().log_softmax(-1)
            logprobs[choice] = sum(float(row[token]) for row, token in zip(rows, tokens, strict=True))
        top = max(logprobs.values())
        shares = {choice: float(torch.tensor(value - top).exp()) for choice, value in logprobs.items()}
        total = sum(shares.values())
        return {
            "text": max(logprobs, key=logprobs.get),
            "probabilities": {choice: share / total for choice, share in shares.items()},
            "logprobs": logprobs,
            "choice_tokens": {choice: len(tokens) for choice, tokens in answers.items()},
        }

    def _generate(self, ids, max_tokens, held=None):
        """The likeliest next token, one by one, until the answer ends; `held` to a schema, of those it allows."""
        ends = self._ends()
        past, said = None, _forced(held, max_tokens)
        step = [*ids, *said]
        finish = "stop" if held and held.over and not held.pending else "length"
        while len(said) < max_tokens and not (held and held.over):
            batch = torch.tensor([step], device=self.model.device)
            out = self.model(input_ids=batch, past_key_values=past, use_cache=True, logits_to_keep=1)
            logits, past = out.logits[0, -1].float(), out.past_key_values
            token = int((held.mask(logits) if held else logits).argmax())
            if token in ends:
                finish = "stop"
                break
            said.append(token)
            step = [token]
            if held:
                held.take(token)
                forced = _forced(held, max_tokens - len(said))
                said += forced
                step += forced
                finish = "stop" if held.over and not held.pending else "length"
            if not (held and held.kept) and self.plain and self._ended(said):
                finish = "stop"
                break
        text = self.tokenizer.decode(said, skip_special_tokens=True)
        return {"text": text.partition(PLAIN_END)[0] if self.plain else text, "finish": finish}

    def _ended(self, said):
        return PLAIN_END in self.tokenizer.decode(said[-4:], skip_special_tokens=True)

    def _ends(self):
        told = [self.tokenizer.eos_token_id, getattr(self.model.generation_config, "eos_token_id", None)]
        told += [] if self.plain else [self.end]
        return {i for ids in told for i in ([ids] if isinstance(ids, int) else ids or [])}

    def _prompt(self, messages):
        """Tokens of a conversation up to where the answer begins, and its last characters."""
        if self.plain:
            text = "".join(m["content"] + ("\n" if m["role"] == "user" else PLAIN_END) for m in messages)
        else:
            text = self._template(messages)
        ids = list(self.tokenizer(text, add_special_tokens=self.plain, verbose=False)["input_ids"])
        if self.plain and ids[-1:] == [self.tokenizer.eos_token_id]:
            ids = ids[:-1]
        return ids, text[-1:] if self.plain else text[-8:]

    def _answers(self, tail, choices):
        """Tokens of each choice as they are cut right behind the prompt; with its end where one begins another."""
        before, found = self._bare(tail), {}
        for choice in choices:
            whole = self._bare(tail + choice)
            found[choice] = whole[len(before) :] if whole[: len(before)] == before else self._bare(choice)
        ordered = sorted(found.values())
        end = self.end if any(b[: len(a)] == a for a, b in pairwise(ordered)) else []
        return {choice: tokens + end for choice, tokens in found.items()}

    def _end(self):
        if self.plain:
            return self._bare(PLAIN_END)
        turn = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "ANSWER"}]
        try:
            after = self._template(turn, ask=False).rpartition("ANSWER")[2]
        except ValueError:
            after = ""
        first = self._bare(after)[:1]
        eos = self.tokenizer.eos_token_id
        return first or ([] if eos is None else [int(eos)])

    def _bare(self, text):
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _template(self, messages, ask=True):
        ways = [messages]
        if [m["role"] for m in messages[:2]] == ["system", "user"]:
            # Some templates know no system message: it then opens the first user turn.
            opening = {"role": "user", "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
            ways.append([opening, *messages[2:]])
        for way in ways:
            try:
                return self.tokenizer.apply_chat_template(
                    way, add_generation_prompt=ask, tokenize=False, enable_thinking=False
                )
            except (TemplateError, TypeError, ValueError) as error:
                refused = error
        raise ValueError(f"the model's chat template refuses the conversation: {refused}")


def _forced(held, most):
    """Takes the tokens that the schema leaves no choice about, as far as the answer has room."""
    taken = held.pending[:most] if held else []
    if taken:
        held.pending = held.pending[len(taken) :]
    return taken
