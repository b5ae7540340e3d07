using TransformFramework.Graphs;

namespace TransformFramework.Transforms;

/// <summary>A transform: graph in, graph out. It never reads the script, prints, or changes its input.</summary>
public interface ITransform
{
    /// <summary>The options record that the script's arguments are bound to.</summary>
    Type OptionsType { get; }

    /// <summary>Checks the arguments alone, before any step of a script runs: an argument that no graph can make right is the script's fault.</summary>
    /// <exception cref="TransformException">An argument has a value that the transform does not take.</exception>
    void Check(object options)
    {
    }

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

    public void Check(object options) => Check((TOptions)options);

    public Graph Apply(Graph graph, object options, TransformContext context) => Apply(graph, (TOptions)options, context);

    /// <inheritdoc cref="ITransform.Check"/>
    protected virtual void Check(TOptions options)
    {
    }

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
