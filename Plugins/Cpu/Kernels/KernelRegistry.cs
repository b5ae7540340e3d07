using System.Collections.Frozen;
using System.Reflection;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The kernels of this assembly by op type.</summary>
public static class KernelRegistry
{
    private static readonly FrozenDictionary<string, IKernel> Kernels = Collect();

    /// <summary>Op types that have a kernel here.</summary>
    public static IEnumerable<string> Ops => Kernels.Keys;

    /// <summary>The kernel of an op type, or null.</summary>
    public static IKernel? Find(string op) => Kernels.GetValueOrDefault(op);

    private static FrozenDictionary<string, IKernel> Collect()
    {
        var kernels = new Dictionary<string, IKernel>(StringComparer.Ordinal);
        foreach (Type type in typeof(KernelRegistry).Assembly.GetTypes())
        {
            if (type.GetCustomAttribute<KernelAttribute>() is not { } attribute)
                continue;
            var kernel = (IKernel)Activator.CreateInstance(type)!;
            foreach (string op in attribute.Ops)
                kernels.Add(op, kernel);
        }
        return kernels.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
