import { byId } from './dom.ts';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const signs: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' };

/** The button that goes through automatic, light and dark; the choice is kept in this browser. */
export function startTheme(): void {
  const button = byId('theme');
  let theme = themes.find((each) => each === localStorage.getItem('plegd-theme')) ?? 'auto';
  const show = (): void => {
    document.documentElement.dataset['theme'] = theme;
    button.textContent = signs[theme];
    button.title = `Theme: ${theme}`;
    button.setAttribute('aria-label', `Theme: ${theme}`);
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
    localStorage.setItem('plegd-theme', theme);
    show();
  });
  show();
}
