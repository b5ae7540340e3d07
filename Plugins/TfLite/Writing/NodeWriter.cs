using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>A node as its converter writes it, and the subgraph that the converter adds operators to.</summary>
internal sealed class NodeWriter(SubgraphWriter subgraph, Node node)
{
    private readonly List<(TensorDraft Tensor, string Operator)> made = [];
    private readonly ImmutableArray<NodeInput> inputs = [.. node.DataInputs];

    /// <summary>The node with all default attributes.</summary>
    public Node Node => node;

    public SubgraphWriter Subgraph => subgraph;

    public int InputCount => inputs.Length;

    /// <summary>What an input reads.</summary>
    public NodeInput Reference(int input) => input < inputs.Length ? inputs[input] : throw Decline($"input {input} is missing");

    /// <summary>The tensor of an input.</summary>
    public TensorDraft In(int input) => subgraph.Read(Reference(input), node);

    /// <summary>The contents of a constant input, or null.</summary>
    public Tensor? Constant(int input) => In(input).Constant;

    /// <summary>The contents of an input that must be constant.</summary>
    public Tensor Required(int input) => Constant(input) ?? throw Decline($"input {input} must be a constant");

    /// <summary>The integers of an input that are known before the run, or null.</summary>
    public long[]? Integers(int input) => In(input).Known is [{ } one, { } two] && one.ContentEquals(two) ? ShapeRules.Integers(one) : null;

    /// <summary>The integers of an input that must be known.</summary>
    public long[] RequiredIntegers(int input) => Integers(input) ?? throw Decline($"input {input} must be known before the run");

    /// <summary>An input that the format wants as int32: shapes, axes, sizes.</summary>
    public TensorDraft Int32(int input)
    {
        TensorDraft tensor = In(input);
        if (Integers(input) is { } known)
            return tensor.Constant is not null && tensor.Type == TensorType.Int32 ? tensor : Int32Constant(known, tensor.Shape);
        return tensor.Type == TensorType.Int32 ? tensor : WithKnown(Emit("CAST", [tensor], TensorType.Int32, ("in_data_type", (int)tensor.Type), ("out_data_type", (int)TensorType.Int32)), tensor);
    }

    /// <summary>A constant of int32.</summary>
    public TensorDraft Int32Constant(long[] values, int[]? shape = null) =>
        Constant(Tensor.Create<int>(DataType.Int32, TensorShape.Of([.. (shape ?? [values.Length]).Select(size => (long)size)]), [.. values.Select(value => checked((int)value))]));

    public TensorDraft Constant(float value) => Constant(Tensor.Scalar(value));

    /// <summary>A constant; equal ones are one tensor.</summary>
    public TensorDraft Constant(Tensor tensor, TfLiteQuantization? quantization = null, string name = "") => subgraph.Constant(tensor, quantization, name.Length > 0 ? name : node.Name + "/const");

    /// <summary>Adds an operator of one output of the first input's type, and infers its shape.</summary>
    public TensorDraft Emit(string op, List<TensorDraft?> operands, params ReadOnlySpan<(string, object)> options) => Emit(op, operands, operands.First(operand => operand is not null)!.Type, options);

    /// <summary>Adds an operator of one output.</summary>
    public TensorDraft Emit(string op, List<TensorDraft?> operands, TensorType type, params ReadOnlySpan<(string, object)> options) => EmitMany(op, operands, [type], options)[0];

    /// <summary>Adds an operator of several outputs.</summary>
    public List<TensorDraft> EmitMany(string op, List<TensorDraft?> operands, TensorType[] types, params ReadOnlySpan<(string, object)> options)
    {
        OperatorSchema schema = OperatorSchema.Of(op);
        OptionValues values = OptionValues.Of(schema, options);
        List<TensorDraft> outputs = [.. types.Select(type => new TensorDraft("", type))];
        Infer(op, operands, values, outputs);
        subgraph.Draft.Operators.Add(new(schema, operands, outputs, values));
        made.AddRange(outputs.Select(output => (output, op)));
        return outputs;
    }

    /// <summary>Defines an output of the node.</summary>
    public void Out(TensorDraft tensor, int port = 0)
    {
        if (tensor.Type is TensorType.Float64 or TensorType.Complex128 or TensorType.UInt64 or TensorType.UInt16 or TensorType.BFloat16 or TensorType.Variant && tensor.Constant is null)
            throw Decline($"TensorFlow Lite does not compute {tensor.Type.Name()}", "Cast it to float or int32 before.");
        if (tensor.Name.Length == 0)
            tensor.Name = NodeInput.Data(node.Name, port).Text;
        subgraph.Define(NodeInput.Data(node.Name, port), tensor);
    }

    /// <summary>Names what the node's converter made and did not name.</summary>
    public void Finish()
    {
        foreach (var (tensor, op) in made.Where(entry => entry.Tensor.Name.Length == 0))
            tensor.Name = $"{node.Name}/{op}";
    }

    /// <summary>Refuses the node.</summary>
    public ModelFormatException Decline(string why, string? suggestion = null) => TfLiteDiagnostics.Unwritable($"node '{node.Name}' ({node.Op}): {why}",
        suggestion ?? $"Cut the graph before it (--outputs={(inputs.IsEmpty ? node.Name : NodeInput.Data(inputs[0].Node, inputs[0].Port).Text)}), or transform the graph so that it is gone.");

    private static TensorDraft WithKnown(TensorDraft result, TensorDraft source)
    {
        result.Known = [.. source.Known.Select(known => known is null || ShapeRules.Integers(known) is not { } values ? null : Tensor.Create<int>(DataType.Int32, known.Shape, [.. values.Select(value => (int)value)]))];
        return result;
    }

    private void Infer(string op, List<TensorDraft?> operands, OptionValues options, List<TensorDraft> outputs)
    {
        for (int world = 0; world < 2; world++)
        {
            int[][] shapes;
            try
            {
                shapes = ShapeRules.Infer(op, operands, options, outputs.Count, world);
            }
            catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException or NullReferenceException or DivideByZeroException or InvalidOperationException)
            {
                throw Decline($"the shapes of its inputs do not fit {op}");
            }
            catch (ModelFormatException error)
            {
                throw Decline(error.Message, error.Suggestion);
            }
            for (int i = 0; i < outputs.Count; i++)
            {
                if (world == 0)
                    outputs[i].Shapes = [shapes[Math.Min(i, shapes.Length - 1)], []];
                else
                    outputs[i].Shapes[1] = shapes[Math.Min(i, shapes.Length - 1)].Length == outputs[i].Shapes[0].Length ? shapes[Math.Min(i, shapes.Length - 1)] : outputs[i].Shapes[0];
            }
        }
    }
}
