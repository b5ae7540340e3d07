namespace TransformFramework.Cpu.Analysis;

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
    public static NodeKind Of(string op) => op switch
    {
        "Const" => NodeKind.Constant,
        "NoOp" or "ControlTrigger" => NodeKind.NoOp,
        "Placeholder" or "PlaceholderV2" => NodeKind.Placeholder,
        "Switch" or "RefSwitch" => NodeKind.Switch,
        "Merge" or "RefMerge" => NodeKind.Merge,
        "Enter" or "RefEnter" => NodeKind.Enter,
        "Exit" or "RefExit" => NodeKind.Exit,
        "NextIteration" or "RefNextIteration" => NodeKind.NextIteration,
        _ => NodeKind.Kernel,
    };
}
