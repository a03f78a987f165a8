export const ScenePage = () => null;
