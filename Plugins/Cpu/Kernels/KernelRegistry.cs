using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The kernels of this assembly by op type. They are found by their attributes in the assembly's metadata (ECMA-335, II.23.3), so that no class is loaded before its kernel is asked for.</summary>
public static unsafe class KernelRegistry
{
    private static readonly Module Module = typeof(KernelRegistry).Module;
    private static readonly Dictionary<string, Lazy<IKernel>> Kernels = Collect();

    /// <summary>Op types that have a kernel here.</summary>
    public static IEnumerable<string> Ops => Kernels.Keys;

    /// <summary>The kernel of an op type, or null.</summary>
    public static IKernel? Find(string op) => Kernels.GetValueOrDefault(op)?.Value;

    private static Dictionary<string, Lazy<IKernel>> Collect()
    {
        var kernels = new Dictionary<string, Lazy<IKernel>>(StringComparer.Ordinal);
        if (!Module.Assembly.TryGetRawMetadata(out byte* start, out int length))
            throw new InvalidOperationException("the assembly's metadata cannot be read");
        var metadata = new MetadataReader(start, length);
        EntityHandle constructor = KernelConstructor(metadata);
        foreach (CustomAttributeHandle handle in metadata.CustomAttributes)
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor != constructor)
                continue;
            int token = MetadataTokens.GetToken(attribute.Parent);
            var kernel = new Lazy<IKernel>(() => (IKernel)Activator.CreateInstance(Module.ResolveType(token))!);
            BlobReader arguments = metadata.GetBlobReader(attribute.Value);
            arguments.ReadUInt16();
            for (int count = arguments.ReadInt32(); count > 0; count--)
                kernels.Add(arguments.ReadSerializedString()!, kernel);
        }
        return kernels;
    }

    private static EntityHandle KernelConstructor(MetadataReader metadata)
    {
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            EntityHandle parent = metadata.GetMemberReference(handle).Parent;
            if (parent.Kind == HandleKind.TypeReference && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, nameof(KernelAttribute)))
                return handle;
        }
        return default;
    }
}
