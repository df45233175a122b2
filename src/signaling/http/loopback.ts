import { isIP } from 'node:net';

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and ::1 (RFC 4291 section 2.5.3), as literals: no name is ever looked up. */
export const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  return (
    (family === 4 && host.startsWith('127.')) ||
    (family === 6 && URL.parse(`http://[${host}]`)?.hostname === '[::1]')
  );
};
