/** How a server is reached, wherever that is entered. */

export const PROXY = {
  label: "Proxy",
  hint: "http, https, socks5 or socks5h, with its port. Without one, the system's, which alone can have a user name and a password. This computer is always reached directly.",
  placeholder: "http://proxy.example.com:3128",
};

export const CUSTOM_CA = {
  label: "Custom CA",
  hint: "Certificates of your own authority, which are trusted beside the system's.",
};
