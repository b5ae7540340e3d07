using System.Collections.Immutable;
using System.Reflection;
using TransformFramework.Cpu;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Testing;

/// <summary>One transform as a pipeline sees it, with a backend that knows the kernels beside it.</summary>
internal sealed class SingleTransform : ITransformSource
{
    private readonly WithOptions transform;
    private readonly TransformDescription description;

    public SingleTransform(ITransform inner, object? options)
    {
        Type type = inner.GetType();
        TransformAttribute? attribute = type.GetCustomAttribute<TransformAttribute>();
        transform = new(inner, options);
        description = new(attribute?.Name ?? type.Name, attribute?.Summary ?? "", [], attribute?.IsClassic ?? false, NeedsBackend: true, new(type.Assembly.GetName().Name ?? "", "", ""), type.FullName ?? "")
        {
            IsLossy = attribute?.IsLossy ?? false,
        };
        Backend = new KernelBackend(KernelsOf(type.Assembly));
    }

    /// <summary>The transform's name.</summary>
    public string Name => description.Name;

    public IEnumerable<string> Names => [Name];

    public IBackend Backend { get; }

    public TransformDescription? Find(string? plugin, string name) => name == Name ? description : null;

    public ITransform Create(TransformDescription wanted) => transform;

    private static ImmutableDictionary<string, IKernel> KernelsOf(Assembly assembly) => assembly.GetTypes()
        .Select(type => (Type: type, type.GetCustomAttribute<KernelAttribute>()?.Ops))
        .Where(kernel => kernel.Ops is not null)
        .SelectMany(kernel => kernel.Ops!.Select(op => KeyValuePair.Create(op, (IKernel)Activator.CreateInstance(kernel.Type)!)))
        .ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The transform with options that no script gives.</summary>
    private sealed class WithOptions(ITransform inner, object? options) : ITransform
    {
        public Type OptionsType => typeof(NoOptions);

        public Graph Apply(Graph graph, object noOptions, TransformContext context) => inner.Apply(graph, options ?? Activator.CreateInstance(inner.OptionsType)!, context);
    }

    /// <summary>The CPU with kernels of the plugin's own.</summary>
    private sealed class KernelBackend(ImmutableDictionary<string, IKernel> kernels) : IBackend
    {
        private readonly CpuBackend cpu = new();

        public string InstructionSet => cpu.InstructionSet;

        public bool Supports(string op) => kernels.ContainsKey(op) || cpu.Supports(op);

        public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options) => cpu.Compile(graph, outputs, options with { Kernels = options.Kernels.SetItems(kernels) });

        public IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => cpu.InferShapes(graph, options with { Kernels = options.Kernels.SetItems(kernels) });
    }
}
