using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Cpu.Analysis;

/// <summary>
/// Number and types of the inputs that a node's op declares; what the op table or the node's attributes do not tell is not checked. Runs pass handles (resources, variants, references) as strings.
/// </summary>
internal readonly struct DeclaredInputs
{
    private readonly ImmutableArray<DataType> types;

    private DeclaredInputs(ImmutableArray<DataType> types) => this.types = types;

    /// <exception cref="ExecutionException">An attribute that tells types or their number has a value of another kind.</exception>
    public static DeclaredInputs Of(Node node, IKernel kernel)
    {
        if (OpTable.Find(node.Op) is not { } definition)
            return default;
        foreach (ArgumentDefinition input in definition.Inputs)
        {
            if (input.TypeAttribute.Length > 0 && !node.Attributes.ContainsKey(input.TypeAttribute))
                node = node.With(input.TypeAttribute, DataType.Invalid);
        }
        try
        {
            var declared = OpTypes.InputTypes(node, definition);
            // Identity takes anything, to read reference variables by their handles.
            return new(kernel is Identity ? [.. declared.Select(_ => DataType.Invalid)] : declared);
        }
        catch (TransformException error) when (error.Kind == StatusKind.NotFound)
        {
            return default;
        }
        catch (TransformException error)
        {
            throw new ExecutionException(error.Kind, error.Message, node.Name, error);
        }
    }

    /// <exception cref="ExecutionException">The op has another number of inputs.</exception>
    public void CheckCount(Node node, int count)
    {
        if (!types.IsDefault && count != types.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"'{node.Name}' ({node.Op}) has {count} inputs where the op has {types.Length}", node.Name);
    }

    /// <exception cref="ExecutionException">The op has an input of another type there.</exception>
    public void CheckType(Node node, int input, DataType given)
    {
        if (Fits(input, given))
            return;
        if (given == DataType.String)
            throw new ExecutionException(StatusKind.InvalidArgument, $"'{node.DataInputs.ElementAt(input).Node}', which node '{node.Name}' ({node.Op}) reads, is a variable without a value, another handle, or text: input {input} is string where the op has {types[input].Name()}; freeze the model's variables, or feed the node a value", node.Name);
        throw Mismatch(node, input, given);
    }

    private ExecutionException Mismatch(Node node, int input, DataType given) =>
        new(StatusKind.InvalidArgument, $"node '{node.Name}' ({node.Op}): input {input} is {given.Name()} where the op has {types[input].Name()}; convert it by Cast, or correct the type attribute", node.Name);

    /// <exception cref="ExecutionException">The op has an input of another type there than its producer declares to give.</exception>
    public void CheckProducer(Node node, int input, ImmutableArray<DataType> outputs, int port)
    {
        bool isKnown = !types.IsDefault && input < types.Length && !outputs.IsDefault && port < outputs.Length;
        if (isKnown && !Fits(input, outputs[port]))
            throw Mismatch(node, input, outputs[port]);
    }

    /// <summary>False when the op has an input of another type there.</summary>
    public bool Fits(int input, DataType given) => types.IsDefault || Fits(given.Base(), types[input]);

    private static bool Fits(DataType given, DataType declared) =>
        given == declared.Base() || given == DataType.Invalid || declared.Base() == DataType.Invalid
        || (given == DataType.String && (declared.IsReference() || declared is DataType.Resource or DataType.Variant));
}
