namespace TransformFramework.Toolkit.Ops;

/// <summary>Ops that decide what runs, or that exchange tensors with a session: never constant, whatever their inputs are.</summary>
public static class ControlFlowOps
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "Switch", "RefSwitch", "Merge", "RefMerge", "Enter", "RefEnter", "Exit", "RefExit", "NextIteration", "RefNextIteration", "LoopCond", "ControlTrigger",
        "PlaceholderWithDefault", "_Send", "_Recv", "GetSessionHandle", "GetSessionHandleV2", "GetSessionTensor", "DeleteSessionTensor",
    };

    /// <summary>True when the op is one of them.</summary>
    public static bool Contain(string op) => Names.Contains(op);
}
