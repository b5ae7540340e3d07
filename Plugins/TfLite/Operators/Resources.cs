using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Hash tables and variables: <c>HASHTABLE ↔ HashTableV2</c>, <c>HASHTABLE_FIND ↔ LookupTableFindV2</c>, <c>VAR_HANDLE ↔ VarHandleOp</c> and so on, in the order of the file.</summary>
[OperatorConverter("HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", Nodes = ["HashTableV2", "LookupTableFindV2", "LookupTableSizeV2", "LookupTableImportV2", "InitializeTableV2", "VarHandleOp", "ReadVariableOp", "AssignVariableOp"])]
internal sealed class Resources : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "HASHTABLE":
                op.Output().DefineStored(op.Subgraph.Model.Handle(op.Graph, $"table_{op.Options.Int("table_id")}", name => op.Graph.Add("HashTableV2", [],
                    ("shared_name", name), ("key_dtype", Type(op, "key_dtype")), ("value_dtype", Type(op, "value_dtype")))));
                break;
            case "HASHTABLE_IMPORT":
                op.Graph.AddStateful("LookupTableImportV2", [op.Stored(0), op.Stored(1), op.Stored(2)]);
                break;
            case "HASHTABLE_FIND":
                op.Result(new(op.Graph.AddStateful("LookupTableFindV2", [op.Stored(0), op.Stored(1), op.Stored(2)])));
                break;
            case "HASHTABLE_SIZE":
                op.Result(new(op.Graph.AddStateful("LookupTableSizeV2", [op.Stored(0)])));
                break;
            case "VAR_HANDLE":
                op.Output().DefineStored(op.Subgraph.Model.Handle(op.Graph, $"{op.Options.Text("container")}/{op.Options.Text("shared_name")}", _ => op.Graph.Add("VarHandleOp", [],
                    ("shared_name", op.Options.Text("shared_name")), ("container", op.Options.Text("container")), ("dtype", VariableType(op)), ("shape", TensorShape.Unknown))));
                break;
            case "ASSIGN_VARIABLE":
                op.Graph.AddStateful("AssignVariableOp", [op.Stored(0), op.Stored(1)]);
                break;
            default:
                op.Result(new(op.Graph.AddStateful("ReadVariableOp", [op.Stored(0)], ("dtype", op.Output().Tensor.Type.ToGraph()))));
                break;
        }
    }

    private static DataType Type(OperatorReader op, string option)
    {
        var type = (TensorType)op.Options.Int(option);
        return type.IsKnown() ? type.ToGraph() : throw op.Refusal($"{option} is {(int)type}");
    }

    /// <summary>The type that the operators on the variable of this name read or assign.</summary>
    private static DataType VariableType(OperatorReader op)
    {
        foreach (TfLiteSubgraph graph in op.Subgraph.Model.Model.Subgraphs)
        {
            var handles = graph.Operators.Where(other => other.Schema.Name == "VAR_HANDLE" && other.Options.Text("shared_name") == op.Options.Text("shared_name") && !other.Outputs.IsEmpty).Select(other => other.Outputs[0]).ToHashSet();
            foreach (TfLiteOperator use in graph.Operators.Where(use => !use.Inputs.IsEmpty && handles.Contains(use.Inputs[0])))
            {
                if (use.Schema.Name == "READ_VARIABLE" && !use.Outputs.IsEmpty)
                    return graph.Tensors[use.Outputs[0]].Type.ToGraph();
                if (use.Schema.Name == "ASSIGN_VARIABLE" && use.Inputs.Length > 1 && use.Inputs[1] >= 0)
                    return graph.Tensors[use.Inputs[1]].Type.ToGraph();
            }
        }
        return DataType.Float;
    }

    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "HashTableV2":
                TensorType key = Supported(node, "key_dtype");
                TensorType value = Supported(node, "value_dtype");
                if ((key, value) is not ((TensorType.Int64, TensorType.String) or (TensorType.String, TensorType.Int64)))
                    throw node.Decline("only tables from int64 to string and back have a counterpart");
                node.Out(node.Emit("HASHTABLE", [], TensorType.Resource, ("table_id", node.Subgraph.Model.TableOf(node.Node)), ("key_dtype", (int)key), ("value_dtype", (int)value)));
                break;
            case "LookupTableFindV2":
                node.Out(node.Emit("HASHTABLE_FIND", [node.In(0), node.In(1), node.In(2)], node.In(2).Type));
                break;
            case "VarHandleOp":
                node.Out(node.Emit("VAR_HANDLE", [], TensorType.Resource, ("container", node.Node.String("container", "")), ("shared_name", node.Node.String("shared_name", "") is { Length: > 0 } name ? name : node.Node.Name)));
                break;
            case "ReadVariableOp":
                WriteRead(node);
                break;
            case "AssignVariableOp":
                node.EmitMany("ASSIGN_VARIABLE", [node.In(0), node.In(1)], []);
                node.Subgraph.Variables[node.In(0)] = node.In(1);
                break;
            case "LookupTableSizeV2":
                node.Out(node.Emit("HASHTABLE_SIZE", [node.In(0)], TensorType.Int64));
                break;
            default:
                node.Subgraph.Model.ImportTable(node);
                break;
        }
    }

    private static TensorType Supported(NodeWriter node, string attribute) => TensorTypes.FromGraph(node.Node.Type(attribute)) ?? throw node.Decline($"type {node.Node.Type(attribute).Name()} has no counterpart");

    private static void WriteRead(NodeWriter node)
    {
        TensorDraft assigned = node.Subgraph.Variables.GetValueOrDefault(node.In(0)) ?? throw node.Decline("its variable is not assigned before", "Freeze variables into constants first.");
        TensorDraft value = node.Emit("READ_VARIABLE", [node.In(0)], assigned.Type);
        value.Shapes = assigned.Shapes;
        node.Out(value);
    }
}
