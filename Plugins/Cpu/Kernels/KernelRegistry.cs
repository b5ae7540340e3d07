using System.Reflection;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The kernels of this assembly by op type. A kernel is created when it is first asked for.</summary>
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
        foreach (Type type in typeof(KernelRegistry).Assembly.GetTypes())
        {
            if (!type.IsAssignableTo(typeof(IKernel)) || type.GetCustomAttribute<KernelAttribute>(inherit: false) is not { } attribute)
                continue;
            var kernel = new Lazy<IKernel>(() => (IKernel)Activator.CreateInstance(type)!);
            foreach (string op in attribute.Ops)
                kernels.Add(op, kernel);
        }
        return kernels;
    }
}
