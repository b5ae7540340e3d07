using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>Handles of what a run keeps (variables, tables, stacks, lists): strings, of which the first element counts.</summary>
internal static class Handle
{
    /// <summary>The name under which the run keeps what a handle refers to.</summary>
    public static string Name(Tensor handle) =>
        handle is { Type: DataType.String, ElementCount: > 0 } ? Encoding.UTF8.GetString(handle.Strings[0].Span) : throw Refuse.Invalid($"{handle} is no resource handle");
}
