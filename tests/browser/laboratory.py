"""A JupyterLab of one's own: on the loopback, with a token, in a folder that is thrown away."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120_000
"""Milliseconds to wait for what must come; a busy machine is no failure."""

SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/apputils-extension/themes": {"theme": "JupyterLab Light"},
}


@dataclass(frozen=True)
class Laboratory:
    """A running server: where it is, its token, and the folder it shows."""

    address: str
    token: str
    folder: Path

    def page_of(self, notebook: str, *, classic: bool = False) -> str:
        """The address of a notebook in JupyterLab, or in Notebook 7."""
        view = "notebooks" if classic else "doc/tree"
        return f"{self.address}/{view}/{notebook}?token={self.token}"

    def write(self, name: str, *cells: str) -> str:
        """A notebook with these code cells; gives its name."""
        made = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell{at}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": cell,
                }
                for at, cell in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3 (ipykernel)",
                    "language": "python",
                }
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / f"{name}.ipynb").write_text(json.dumps(made), encoding="utf-8")
        return f"{name}.ipynb"


@contextmanager
def laboratory(work: Path, *, theme: str = "JupyterLab Light") -> Iterator[Laboratory]:
    """A server for as long as the block lasts; the kernel finds the checkout's own package."""
    folders = {
        name: work / name for name in ("notebooks", "config", "data", "runtime", "ipython", "settings")
    }
    for each in folders.values():
        each.mkdir(parents=True)
    settings = {**SETTINGS, "@jupyterlab/apputils-extension/themes": {"theme": theme}}
    for name, chosen in settings.items():
        path = folders["settings"] / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(chosen), encoding="utf-8")
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_DIR": str(folders["config"]),
        "JUPYTER_DATA_DIR": str(folders["data"]),
        "JUPYTER_RUNTIME_DIR": str(folders["runtime"]),
        "JUPYTERLAB_WORKSPACES_DIR": str(work / "workspaces"),
        "IPYTHONDIR": str(folders["ipython"]),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folders['notebooks']}",
        f"--LabApp.user_settings_dir={folders['settings']}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.disable_check_xsrf=True",
        "--ServerApp.terminals_enabled=False",
    ]
    log = work / "server.log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdout=writing,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=work,
        )
        try:
            yield Laboratory(_address(process, folders["runtime"], log), token, folders["notebooks"])
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    for _ in range(600):
        if process.poll() is not None:
            break
        for found in runtime.glob("jpserver-*.json"):
            try:
                return f"http://127.0.0.1:{json.loads(found.read_text(encoding='utf-8'))['port']}"
            except (ValueError, KeyError):
                continue
        time.sleep(0.1)
    raise RuntimeError(
        f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )


STATE = """() => {
    if (document.querySelector("[data-mime-type='application/vnd.jupyter.error']")) return "done";
    const cells = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];
    const prompts = cells
        .filter(each => each.querySelector(".jp-InputArea-editor").innerText.trim())
        .map(each => each.querySelector(".jp-InputPrompt").textContent);
    if (prompts.length && prompts.every(each => /\\[\\d+\\]/.test(each))) return "done";
    return prompts.some(each => each.includes("*")) ? "busy" : "idle";
}"""
"""Whether every cell has run (or one has failed), some are running, or none is."""


def run_all(page: Any) -> None:
    """Run every cell of the notebook on the page, and wait until all have run or one has failed."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE)
    page.wait_for_selector(
        ".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached", timeout=PATIENCE
    )
    page.wait_for_timeout(2500)  # widgets shown while the kernel is still connecting stay "Loading widget..."
    idle = 3
    for _ in range(PATIENCE // 500):
        state = page.evaluate(STATE)
        if state == "done" and idle < 3:
            return
        idle = idle + 1 if state != "busy" else 0
        if idle > 3:  # a run that comes while the kernel is still connecting is lost
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            idle = -3
        page.wait_for_timeout(500)
    raise TimeoutError("The cells of the notebook have not run.")


def explorer_on(page: Any) -> Any:
    """Run the notebook on the page until its explorer is there."""
    for attempt in range(4):  # JupyterLab now and then misses widgets that come while it is still loading
        run_all(page)
        try:
            page.wait_for_selector(".mpx article", timeout=30_000)
            break
        except Exception:
            if attempt % 2:  # running the cell again was not enough
                page.reload()
    return page.locator(".mpx")


def errors_on(page: Any) -> list[str]:
    """The error outputs of the notebook on the page, and what went to its standard error."""
    found: list[str] = page.eval_on_selector_all(
        "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']",
        "found => found.map(each => each.innerText)",
    )
    return found
