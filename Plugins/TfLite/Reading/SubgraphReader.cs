using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;
using TransformFramework.Transforms;

namespace TransformFramework.TfLite.Reading;

/// <summary>Translates the operators of a subgraph, in their order.</summary>
internal sealed class SubgraphReader
{
    private readonly int index;
    private readonly TfLiteSubgraph subgraph;

    /// <param name="model">The model's functions and handles.</param>
    /// <param name="index">Number of the subgraph.</param>
    /// <param name="graph">Where nodes go.</param>
    public SubgraphReader(ModelFunctions model, int index, GraphDraft graph)
    {
        Model = model;
        Graph = graph;
        this.index = index;
        subgraph = model.Model.Subgraphs[index];
        HashSet<int> written = [.. subgraph.Operators.SelectMany(op => op.Outputs)];
        Tensors = [.. subgraph.Tensors.Select((tensor, i) => new TensorViews(tensor, graph, written.Contains(i) ? null : ConstantTensors.Read(model.Model, tensor), TensorNames.Single(tensor.Name, i)))];
    }

    public ModelFunctions Model { get; }

    public GraphDraft Graph { get; }

    /// <summary>The subgraph's tensors by number.</summary>
    public TensorViews[] Tensors { get; }

    /// <summary>Numbers of the input tensors.</summary>
    public IEnumerable<int> Inputs => subgraph.Inputs;

    /// <summary>Numbers of the output tensors.</summary>
    public IEnumerable<int> Outputs => subgraph.Outputs;

    /// <summary>Translates all operators.</summary>
    /// <exception cref="ModelFormatException">An operator has no counterpart; the message says which and why.</exception>
    public void Run()
    {
        for (int i = 0; i < subgraph.Operators.Length; i++)
        {
            Model.Cancellation.ThrowIfCancellationRequested();
            TfLiteOperator op = subgraph.Operators[i];
            string where = string.Create(CultureInfo.InvariantCulture, $"subgraph {index}, operator {i}");
            DefineVariables(op);
            Graph.Scope = op.Outputs.IsEmpty ? op.Schema.Name : Tensors[op.Outputs[0]].Name;
            try
            {
                Model.Convert(new OperatorReader(this, op));
            }
            catch (ModelFormatException error)
            {
                throw new ModelFormatException($"{where} ({op.Name}): {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
            }
            catch (Exception error) when (error is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException or TransformException)
            {
                throw new ModelFormatException($"{where} ({op.Name}): its tensors do not fit it", error) { DiagnosticId = TfLiteDiagnostics.InvalidModel.Id, Suggestion = "Convert the model again; the file is damaged." };
            }
            foreach (int output in op.Outputs)
            {
                if (Tensors[output].IsUndefined)
                    throw TfLiteDiagnostics.Unreadable($"{where} ({op.Name}): its output '{Tensors[output].Tensor.Name}' has no counterpart");
            }
        }
    }

    /// <summary>State tensors begin as zeros in every run.</summary>
    private void DefineVariables(TfLiteOperator op)
    {
        foreach (int input in op.Inputs.Where(input => input >= 0 && Tensors[input].IsUndefined))
        {
            TfLiteTensor tensor = Tensors[input].Tensor;
            if (!tensor.IsVariable || tensor.Type is TensorType.String or TensorType.Resource or TensorType.Variant)
                throw TfLiteDiagnostics.Invalid($"tensor '{tensor.Name}' is read, but nothing gives it");
            TensorShape shape = TensorShape.Of([.. tensor.Shape.Select(size => (long)Math.Max(size, 0))]);
            byte[] state = new byte[checked((int)(shape.ElementCount * tensor.Type.ToGraph().Size()))];
            if (tensor is { Type: TensorType.Int8, Quantization: { } quantization })
                Array.Fill(state, (byte)quantization.ZeroPoint);
            Tensors[input].DefineStored(Graph.Constant(Tensor.FromContent(tensor.Type.ToGraph(), shape, state), Tensors[input].Name));
        }
    }
}
