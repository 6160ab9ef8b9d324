// Within a page of the site: the frame is as high as the demo.

const frame = window.frameElement;
if (frame) {
  const fit = () => {
    frame.style.height = `${document.body.scrollHeight}px`;
  };
  new ResizeObserver(fit).observe(document.body);
}
