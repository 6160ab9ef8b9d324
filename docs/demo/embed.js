// Within a page of the site: the frame is as high as the demo, and as dark as
// the site, whose button a media query knows nothing of.

const frame = window.frameElement;
if (frame) {
  const fit = () => (frame.style.height = `${document.body.scrollHeight}px`);
  new ResizeObserver(fit).observe(document.body);

  const queries = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule.media?.mediaText.includes("scheme: dark"))
    .map(({ media }) => [media, media.mediaText]);
  const site = parent.document.body;
  const follow = () => {
    const { theme } = site.dataset;
    const forced = { dark: "all", light: "not all" }[theme];
    for (const [media, usual] of queries) media.mediaText = forced ?? usual;
    document.documentElement.style.colorScheme = forced ? theme : "";
  };
  new MutationObserver(follow).observe(site, { attributes: true });
  follow();
}
