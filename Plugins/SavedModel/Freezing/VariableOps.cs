using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>What ops do with variables and their handles.</summary>
internal static class VariableOps
{
    private static readonly HashSet<string> ReferenceVariables = new(StringComparer.Ordinal) { "VariableV2", "Variable", "AutoReloadVariable" };

    private static readonly HashSet<string> PassingOps = new(StringComparer.Ordinal)
    {
        "Identity", "IdentityN", "Switch", "Merge", "Enter", "Exit", "NextIteration", "StopGradient", "PreventGradient",
        "RefIdentity", "RefSwitch", "RefMerge", "RefEnter", "RefExit", "RefNextIteration",
    };

    private static readonly HashSet<string> Ignorable = new(StringComparer.Ordinal) { "DisableCopyOnRead", "DestroyResourceOp", "ColocateWith" };

    private static readonly string[] AssigningPrefixes = ["Assign", "ResourceApply", "ResourceSparseApply", "ResourceScatter", "ResourceStridedSliceAssign", "ResourceCountUpTo"];

    /// <summary>True for the node that is a variable.</summary>
    public static bool IsVariable(Node node) => IsResourceVariable(node) || IsReferenceVariable(node);

    public static bool IsResourceVariable(Node node) => node.Op == "VarHandleOp";

    public static bool IsReferenceVariable(Node node) => ReferenceVariables.Contains(node.Op);

    /// <summary>True for an op whose outputs are its inputs: a handle or a reference goes on through it.</summary>
    public static bool PassesOn(string op) => PassingOps.Contains(op);

    /// <summary>True for an op on a handle that has no meaning once the variable is a constant.</summary>
    public static bool IsIgnorable(string op) => Ignorable.Contains(op);

    /// <summary>True for an op that changes the variable that its first input is.</summary>
    public static bool Assigns(Node node)
    {
        if (PassesOn(node.Op) || node.Op is "IsVariableInitialized" or "RefSelect")
            return false;
        return AssigningPrefixes.Any(prefix => node.Op.StartsWith(prefix, StringComparison.Ordinal))
            || (OpTable.Find(node.Op) is { Inputs: [{ IsReference: true } first, ..] } && first.Name is not ("table_handle" or "handle" or "queue_handle" or "reader_handle" or "barrier_handle"));
    }

    /// <summary>The name by which a node's variable is told from others: a shared name, else the node's.</summary>
    public static string NameOf(Node variable) =>
        variable.Attributes.TryGetValue("shared_name", out var value) && value is BytesValue { Text: { Length: > 0 } shared } ? shared : variable.Name;
}
