import type { Words } from "./words";

export const zh = {
  "fault.tls_broken": "新的 HTTPS 证书无法启用（{hint}），仍在使用旧证书。请检查证书和私钥文件。",
  "fault.tls_expires": "HTTPS 证书 {days} 天后到期，请尽快更新。",
  "fault.rolled_back": "数据库被换回了旧的一份：登记只到第 {found} 条，原来已到第 {known} 条。其间的查看记录、授权和撤回都不在了，请核对，并保留日锚文件。",
} as const;

export const en: Words<typeof zh> = {
  "fault.tls_broken": "The new certificate cannot be served ({hint}); the old one goes on. Check the certificate and key files.",
  "fault.tls_expires": "The certificate ends in {days} days. Renew it.",
  "fault.rolled_back":
    "An older copy of the database was put back: its register ends at row {found}, and row {known} had been written. Looks, consents and withdrawals in between are gone. Check them, and keep the daily anchors.",
};
