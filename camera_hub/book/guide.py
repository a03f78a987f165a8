"""What may stand in each column, in Chinese and English: the book's second sheet."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, tuple[str, str]] = {
    "name": (
        "必填，最多 64 字；同一村内不要重名",
        "Needed; at most 64 characters, once in a village",
    ),
    "kind": (
        "必填：公共点、社会点、民用探头、WiFi 探头；登记后不能改",
        "Needed: public, social, civilian or wifi_probe; it stays for ever",
    ),
    "village_code": (
        "12 位；与“乡镇”“行政村”填其一",
        "12 digits; or township and village by name",
    ),
    "township": (
        "不填代码时用来认村",
        "Tells the village where the code is not given",
    ),
    "village": (
        "不填代码时必填；重名时请同时填“乡镇”",
        "Needed without a code; with the township where two have the name",
    ),
    "hamlet": (
        "村内的屯名",
        "The settlement within the village",
    ),
    "address": (
        "最多 200 字",
        "At most 200 characters",
    ),
    "pole": (
        "立杆编号",
        "Number of the pole",
    ),
    "lat": (
        "十进制度，如 45.7312",
        "Decimal degrees, as in 45.7312",
    ),
    "lon": (
        "十进制度，如 123.9411",
        "Decimal degrees, as in 123.9411",
    ),
    "datum": (
        "WGS-84（不填即此）、GCJ-02（高德、腾讯）、BD-09（百度）；导出时已换算为 WGS-84",
        "WGS-84 (also when empty), GCJ-02 or BD-09; the export is in WGS-84",
    ),
    "bearing_deg": (
        "度，正北为 0，顺时针，0–359",
        "Degrees clockwise from north, 0–359",
    ),
    "view_angle_deg": (
        "度，1–360",
        "Degrees, 1–360",
    ),
    "device": (
        "录像机或摄像机的名称；不填用点位名称。地址与名称相同的行共用一台设备",
        "Name of the box; the camera's where empty. Rows with the same address and name share one",
    ),
    "type": (
        "摄像机、录像机、编码器、WiFi 探头",
        "camera, nvr, encoder or wifi_probe",
    ),
    "host": (
        "IP 地址或域名，不带端口；填了码流地址可不填",
        "IP address or name without port; may be left out with a stream address",
    ),
    "vendor": (
        "海康威视、大华、宇视、TP-LINK、萤石……",
        "Hikvision, Dahua, Uniview, TP-LINK, EZVIZ …",
    ),
    "username": (
        "取流用的账号",
        "The account for the streams",
    ),
    "password": (
        "只进不出：导入后加密保存，导出时为空；为空则不改",
        "Goes in and never out: sealed on import, empty in the export; empty changes nothing",
    ),
    "channel": (
        "与厂商一起生成码流地址，1–999；填了码流地址可不填",
        "With the vendor gives the stream addresses, 1–999",
    ),
    "main_url": (
        "rtsp://…；地址里的用户名密码会取出并加密",
        "rtsp://…; user and password in it are taken out and sealed",
    ),
    "sub_url": (
        "用于分析",
        "What is analysed",
    ),
    "tier": (
        "自动（不填即此）、全部、关键帧",
        "auto (also when empty), full or keyframes",
    ),
    "record_mode": (
        "连续、按事件、不录；不填按类别设置",
        "continuous, on_event or none; empty: as set for its kind",
    ),
    "record_stream": (
        "子码流、主码流、双码流；不填按类别设置",
        "sub, main or both; empty: as set for its kind",
    ),
    "record_days": (
        "不填按类别设置；不得低于或超过法定天数",
        "Empty: as set for its kind; within what the law allows",
    ),
    "event_days": (
        "不填按类别设置；不得低于或超过法定天数",
        "Empty: as set for its kind; within what the law allows",
    ),
    "manager_unit": (
        "公共点、社会点必填",
        "Needed for public and social cameras",
    ),
    "owner_name": (
        "民用探头必填",
        "Needed for civilian cameras",
    ),
    "owner_contact": (
        "民用探头必填",
        "Needed for civilian cameras",
    ),
    "probe_mac": (
        "WiFi 探头必填，自身的 MAC",
        "Needed for a WiFi probe: its own",
    ),
    "gb_id": (
        "20 位，按文本填写；填“自动”由系统编码；已有编码不会改变",
        "20 digits, as text; “auto” makes one; one that is there stays",
    ),
    "basis": (
        "政府建设、单位义务、本人同意；按点位类型只接受法定的一种",
        "government, unit_duty or consent; of these, what the kind of camera may stand on",
    ),
    "purpose": (
        "与标识、备案一致，最多 200 字",
        "As the sign and the filing say it; at most 200 characters",
    ),
    "checklist": (
        "均不涉及，或列出涉及的场所（卧室、浴室、卫生间、更衣室、试衣间……）；空白不改；涉及的不能改回，也不会启用",
        "none; or the places it looks into, which keeps it off for good; empty changes nothing",
    ),
    "near_sensitive": (
        "是、否；是的，须填“涉密单位同意文件”",
        "yes or no; yes needs that unit's agreement",
    ),
    "agreement": (
        "文件名称或文号，最多 100 字",
        "Its number or title; at most 100 characters",
    ),
    "near_minors": (
        "是、否；是的，查看时须写明事由",
        "yes or no; whoever looks at what it saw says why",
    ),
    "filing_no": (
        "与“备案日期”同时填",
        "Together with the day it was filed",
    ),
    "filed_on": (
        "如 2026-11-20",
        "As in 2026-11-20",
    ),
    "sign_photo": (
        "由系统填写：有、无；照片请在点位页面上传",
        "Filled by the hub: yes or no; the photo is uploaded on the camera's page",
    ),
    "sign_text": (
        "提示标识上的文字，最多 200 字",
        "What the sign says; at most 200 characters",
    ),
    "enabled": (
        "是、否；不填为是",
        "yes or no; empty is yes",
    ),
    "note": (
        "最多 200 字",
        "At most 200 characters",
    ),
    "id": (
        "由系统填写：为空是新增，有值是修改；请勿改动",
        "Filled by the hub: empty adds, filled changes; leave as it is",
    ),
}
