using TransformFramework.Graphs;

namespace TransformFramework.Transforms;

/// <summary>A transform: graph in, graph out. It never reads the script, prints, or changes its input.</summary>
public interface ITransform
{
    /// <summary>The options record that the script's arguments are bound to.</summary>
    Type OptionsType { get; }

    /// <summary>Applies the transform.</summary>
    /// <exception cref="TransformException">The arguments or the graph do not allow it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    Graph Apply(Graph graph, object options, TransformContext context);
}

/// <summary>Base of transforms whose arguments are the properties of <typeparamref name="TOptions"/>.</summary>
public abstract class Transform<TOptions> : ITransform
    where TOptions : class
{
    public Type OptionsType => typeof(TOptions);

    public Graph Apply(Graph graph, object options, TransformContext context) => Apply(graph, (TOptions)options, context);

    /// <inheritdoc cref="ITransform.Apply"/>
    protected abstract Graph Apply(Graph graph, TOptions options, TransformContext context);
}

/// <summary>Base of transforms without arguments.</summary>
public abstract class Transform : Transform<NoOptions>
{
    protected sealed override Graph Apply(Graph graph, NoOptions options, TransformContext context) => Apply(graph, context);

    /// <inheritdoc cref="ITransform.Apply"/>
    protected abstract Graph Apply(Graph graph, TransformContext context);
}

/// <summary>Options of a transform without arguments.</summary>
public sealed record NoOptions;
