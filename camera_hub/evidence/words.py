"""The words of a report, in Chinese: an official paper has one language."""

from __future__ import annotations

from collections.abc import Mapping

UNKNOWN = "不明"

OFFENCE: Mapping[str, str] = {
    "livestock": "盗窃牲畜",
    "vehicle": "盗窃车辆",
    "crops": "盗窃农作物",
    "burglary": "入户盗窃",
    "theft": "盗窃",
    "damage": "损毁财物",
    "traffic": "交通",
    "violence": "侵害人身",
    "fraud": "诈骗",
    "fire": "火灾",
    "missing": "走失",
    "other": "其他",
}
KIND: Mapping[str, str] = {"public": "公共点", "social": "社会点", "civilian": "民用探头", "wifi_probe": "WiFi 探头"}
LABEL: Mapping[str, str] = {
    "person": "人员", "unknown": "不明物",
    "bicycle": "自行车", "motorcycle": "摩托车", "tricycle": "三轮车", "car": "小汽车", "bus": "客车", "truck": "货车",
    "van": "面包车", "tractor": "拖拉机", "bird": "鸟", "cat": "猫", "dog": "狗", "horse": "马", "sheep": "羊",
    "cow": "牛", "pig": "猪", "goat": "山羊",
}  # fmt: skip
BOOKMARK: Mapping[str, str] = {"sighting": "目击", "negative": "未见", "lead": "线索"}
CONFIDENCE: Mapping[str, str] = {"certain": "确定", "likely": "很可能", "possible": "可能", "unknown": UNKNOWN}
WHY_NOT: Mapping[str, str] = {
    "no_consent": "所有人没有同意（或同意已失效），依法不得查看，可向其征集",
    "not_recorded": "案发时段没有录像",
    "not_yet": "已选入本案，尚未查看",
    "not_chosen": "有录像，未选入本案",
}
CAUSE: Mapping[str, str] = {
    "unreachable": "连不上",
    "rejected": "口令被拒",
    "unsupported": "编码不支持",
    "stalled": "码流中断",
    "worker_down": "程序故障",
    "error": "错误",
    "starting": "正在启动",
    "disk_full": "磁盘已满",
    "disk_slow": "磁盘过慢",
    "disk_error": "磁盘故障",
    "codec": "编码不支持",
    "hub_down": "系统停机",
    "clock_set": "系统时钟被拨快",
    "lost": "原因不明",
}
UNWATCHED: Mapping[str, str] = {
    "no_consent": "所有人未同意",
    "to_come": "尚未到",
    "gap": "码流中断",
    "flash": "整个画面突变",
    "lost": "磁盘未能写入",
    "damaged": "分析记录损坏",
    "hub_down": "系统停机",
    "starting": "正在连接",
    "unreachable": "连不上",
    "rejected": "口令被拒",
    "unsupported": "码流不支持",
    "stalled": "没有数据",
    "outside_hours": "约定时段之外",
    "disabled": "停用",
    "placement_incomplete": "点位资料不全",
    "masks_missing": "缺约定的遮蔽",
    "no_video": "没有视频",
    "worker_down": "分析程序中断",
    "error": "错误",
    "black": "画面全黑",
    "covered": "画面被遮挡",
    "frozen": "画面冻结",
    "not_analysed": "原因不明",
}
ACTION: Mapping[str, str] = {
    "purpose.open": "开始查看",
    "purpose.close": "结束查看",
    "recording.play": "回放录像",
    "recording.read": "读取录像段被拒",
    "recording.list": "查看录像时间轴",
    "recording.frames": "查看关键帧",
    "recording.export": "剪取录像片段",
    "recording.fetch": "下载录像片段",
    "events.search": "检索事件",
    "events.get": "查看事件",
    "events.pictures": "查看事件小图",
    "events.snapshot": "查看事件图片",
    "events.still": "查看事件原图",
    "events.histogram": "统计事件",
    "events.watched": "查看检索范围的分析情况",
    "live.open": "查看实时画面",
    "live.picture": "截取实时画面",
    "bookmark.add": "打书签",
    "upload.mark": "给他人提供的录像打书签",
    "bookmark.supersede": "更正书签",
    "bookmark.list": "查看书签",
    "bookmark.still": "查看书签图片",
    "still.list": "查看时间条",
    "still.compare": "比对时间条",
    "motion.search": "检索画面变化",
    "export.make": "取录像制作证据包",
    "export.fetched": "下载证据包",
    "case.report": "受理报案",
    "case.nearby": "查看附近镜头",
    "case.candidates": "查看卡口过往目标",
    "case.gates": "查看案件卡口",
    "case.decide": "判定过往目标",
    "case.decisions": "查看判定记录",
    "case.hops": "推算前后时间窗",
    "case.link": "关联目击点",
    "case.block": "标记道路不通",
    "case.map": "查看线索图",
    "case.keep_map": "保存线索图",
    "canvass.look": "查看走访清单",
    "canvass.add": "添加走访对象",
    "canvass.change": "更改走访对象",
    "clip.ask": "请求录像",
    "clip.print": "打印录像请求书",
    "clip.renew": "更换上传链接",
    "clip.revoke": "作废上传链接",
    "upload.list": "查看收到的录像清单",
    "upload.look": "查看他人提供的录像",
    "upload.clock": "核对他人录像的时钟",
    "upload.accept": "采用他人提供的录像",
    "upload.decline": "不采用他人提供的录像",
}
CLOCK: Mapping[str, str] = {
    "photo": "时钟照片",
    "told": "当场或电话核对",
    "event": "已知时间的事件",
    "unknown": "无法核对",
}
RECIPIENT: Mapping[str, str] = {
    "investigation": "办案单位",
    "prosecution": "检察机关",
    "court": "法院",
    "unit": "其他单位",
    "person": "当事人、近亲属",
    "public": "公开发布",
}
ROLE: Mapping[str, str] = {
    "master": "原始录像",
    "derived": "副本",
    "still": "截图",
    "received": "他人提供",
    "clock": "时钟照片",
    "log": "记录",
    "report": "文书",
}
REFUSED: Mapping[str, str] = {
    "recording_no_consent": "所有人没有同意",
    "recorded_unmasked": "遮蔽之前录制",
    "beyond_case": "超出案件范围",
    "being_written": "正在录制",
    "segment_missing": "文件已不在",
    "segment_corrupt": "文件已损坏",
    "digest_differs": "与录制时的摘要不符",
    "no_digest": "没有录制时的摘要",
    "partly_not_visible": "部分时段依法不得查看",
    "snapshot_none": "没有截图",
    "upload_unknown": "他人提供的录像已删除",
    "minors_reason": "涉未成年人场所，事由不足",
}

AUTOMATIC = ("alerts.", "incidents.", "events.stream", "viewing.")
"""What the page reads by itself while it is open."""

PROVES = (
    "所附文件与密钥持有人签名时逐字节一致；清单所列文件没有缺少，也没有多出；",
    "所述缺口、未收入的部分、时钟偏差与调取范围，是签名时系统所记录；",
    "原始录像与录像机关闭文件时所取的摘要（BLAKE2b-256）一致。",
)
PROVES_NOT = (
    "摄像机所摄是否真实、其时钟是否准确、取摘要之前是否被动过手脚；",
    "画面中的人是谁；本报告不作人员识别；",
    "没有其他录像存在；没有查看的镜头列于第五节，其中可能有线索；",
    "“未见”不等于“没有经过”：没有录像、没有分析的时段一律视为不明；",
    "签名的时间（没有第三方时间戳）；未经另一途径核对密钥指纹时，签名人是谁。",
)
