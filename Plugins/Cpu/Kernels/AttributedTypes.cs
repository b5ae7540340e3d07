using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace TransformFramework.Cpu.Kernels;

/// <summary>
/// Classes of this assembly by the names that an attribute on them gives, found in the assembly's metadata (ECMA-335, II.23.3), so that no class is loaded before it is asked for. The attribute's only
/// argument is a list of strings.
/// </summary>
/// <param name="Name">A name.</param>
/// <param name="Token">The metadata token of the class.</param>
internal readonly record struct AttributedType(string Name, int Token)
{
    private static readonly Module Module = typeof(AttributedType).Module;

    /// <summary>Every class that has an attribute, once for each name.</summary>
    /// <param name="attribute">Simple name of the attribute's class.</param>
    public static unsafe List<AttributedType> Find(string attribute)
    {
        if (!Module.Assembly.TryGetRawMetadata(out byte* start, out int length))
            throw new InvalidOperationException("the assembly's metadata cannot be read");
        var metadata = new MetadataReader(start, length);
        var found = new List<AttributedType>();
        foreach (CustomAttributeHandle handle in metadata.CustomAttributes)
        {
            CustomAttribute custom = metadata.GetCustomAttribute(handle);
            if (!IsNamed(metadata, custom.Constructor, attribute))
                continue;
            BlobReader arguments = metadata.GetBlobReader(custom.Value);
            arguments.ReadUInt16();
            for (int count = arguments.ReadInt32(); count > 0; count--)
                found.Add(new(arguments.ReadSerializedString()!, MetadataTokens.GetToken(custom.Parent)));
        }
        return found;
    }

    /// <summary>An instance of the class.</summary>
    public T Create<T>() => (T)Activator.CreateInstance(Module.ResolveType(Token))!;

    private static bool IsNamed(MetadataReader metadata, EntityHandle constructor, string attribute)
    {
        EntityHandle type = constructor.Kind == HandleKind.MemberReference
            ? metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent
            : metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType();
        return type.Kind switch
        {
            HandleKind.TypeReference => metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)type).Name, attribute),
            HandleKind.TypeDefinition => metadata.StringComparer.Equals(metadata.GetTypeDefinition((TypeDefinitionHandle)type).Name, attribute),
            _ => false,
        };
    }
}
