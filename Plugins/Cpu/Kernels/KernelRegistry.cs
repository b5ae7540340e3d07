using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The reference kernels of this assembly by op type, registered by <see cref="KernelAttribute"/>. One is made when it is first asked for.</summary>
public static class KernelRegistry
{
    private static readonly Dictionary<string, Lazy<IKernel>> Kernels = Collect();

    /// <summary>Op types that have a kernel here.</summary>
    public static IEnumerable<string> Ops => Kernels.Keys;

    /// <summary>The kernel of an op type, or null.</summary>
    public static IKernel? Find(string op) => Kernels.GetValueOrDefault(op)?.Value;

    private static Dictionary<string, Lazy<IKernel>> Collect()
    {
        var kernels = new Dictionary<string, Lazy<IKernel>>(StringComparer.Ordinal);
        var byToken = new Dictionary<int, Lazy<IKernel>>();
        foreach (AttributedType type in AttributedType.Find(nameof(KernelAttribute)))
        {
            if (!byToken.TryGetValue(type.Token, out var kernel))
                byToken.Add(type.Token, kernel = new(type.Create<IKernel>));
            kernels.Add(type.Name, kernel);
        }
        return kernels;
    }
}
