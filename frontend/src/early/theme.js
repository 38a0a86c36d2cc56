// Runs before anything is drawn, so that a theme that was chosen does not flash by in the system's.
try {
  const theme = localStorage.getItem("tunemeld-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
