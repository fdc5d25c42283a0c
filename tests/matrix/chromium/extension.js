document.title = await chrome.runtime.sendMessage("who?");
