// Applies the chosen theme before anything is drawn; otherwise the system's theme would flash up first.
try {
  const theme = localStorage.getItem("tunemeld-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser without storage follows the system.
}
