import type { Words } from "./words";

export const zh = {
  "permission.configure": "查看系统设置",
  "inUse.unit_villages": "这里还属于派出所或中队小组，请先移出。",
  "problem.token": "这个令牌没有这项权限。",
  "problem.two_factors_required": "您的角色须使用两步验证，请先到“我的”里设置。",
  "problem.training_expired": "您的培训未登记或已过期，不能查看画面和事件。请联系管理员。",
  "problem.pledge_expired": "您的保密承诺未登记或已过期，不能查看画面和事件。请联系管理员。",
  "problem.unit_exists": "这个名称已经有了。",
  "problem.unit_in_use": "不能删除。",
  "problem.unit_unknown": "没有这个派出所或队组，请刷新。",
} as const satisfies Record<string, string>;

export const en: Words<typeof zh> = {
  "permission.configure": "See the system's settings",
  "inUse.unit_villages": "It still belongs to a station or team. Take it out first.",
  "problem.token": "This token does not carry that permission.",
  "problem.two_factors_required": "Your role signs in with two factors. Set them up under “Mine” first.",
  "problem.training_expired": "Your training ran out or is not on record: no pictures and events. Ask an administrator.",
  "problem.pledge_expired": "Your pledge of confidentiality ran out or is not on record: no pictures and events. Ask an administrator.",
  "problem.unit_exists": "That name is taken.",
  "problem.unit_in_use": "It cannot be removed.",
  "problem.unit_unknown": "No such station or team. Reload the page.",
};
