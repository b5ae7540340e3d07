namespace TransformFramework.Cpu.Planning;

/// <summary>What the executor does with a node: most are left to their kernel, a few it carries out itself.</summary>
public enum NodeKind
{
    Kernel,
    Constant,
    NoOp,
    Feed,
    Placeholder,
    Switch,
    Merge,
    Enter,
    Exit,
    NextIteration,
}

internal static class NodeKinds
{
    private static readonly Dictionary<string, NodeKind> Special = new(StringComparer.Ordinal)
    {
        ["Const"] = NodeKind.Constant,
        ["NoOp"] = NodeKind.NoOp,
        ["ControlTrigger"] = NodeKind.NoOp,
        ["Placeholder"] = NodeKind.Placeholder,
        ["PlaceholderV2"] = NodeKind.Placeholder,
        ["Switch"] = NodeKind.Switch,
        ["RefSwitch"] = NodeKind.Switch,
        ["Merge"] = NodeKind.Merge,
        ["RefMerge"] = NodeKind.Merge,
        ["Enter"] = NodeKind.Enter,
        ["RefEnter"] = NodeKind.Enter,
        ["Exit"] = NodeKind.Exit,
        ["RefExit"] = NodeKind.Exit,
        ["NextIteration"] = NodeKind.NextIteration,
        ["RefNextIteration"] = NodeKind.NextIteration,
    };

    public static NodeKind Of(string op) => Special.GetValueOrDefault(op, NodeKind.Kernel);
}
