// The page of the README in an effect. React's StrictMode runs the effect twice.
import "./page.js";
import { createElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import run from "./documented/effect.js";

function Page() {
  useEffect(() => {
    run();
  }, []);
  return null;
}

const root = document.body.appendChild(document.createElement("main"));
createRoot(root).render(createElement(StrictMode, null, createElement(Page)));
