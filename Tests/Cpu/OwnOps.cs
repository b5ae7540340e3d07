using System.Reflection;
using System.Runtime.CompilerServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu;

/// <summary>Makes the ops known that kernels of the backend declare, as the engine does when it finds plugins.</summary>
internal static class OwnOps
{
    [ModuleInitializer]
    internal static void Declare()
    {
        foreach (OpAttribute op in typeof(CpuBackend).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<OpAttribute>()))
            DeclaredOps.TryAdd(OpTable.Parse(op.Declaration).Name, op.Declaration);
    }
}
