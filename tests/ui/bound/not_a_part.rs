use put_core::PutPart;

struct Address;

fn names_its_members<T: PutPart>() {}

fn main() {
    names_its_members::<Vec<Address>>();
    names_its_members::<Address>();
}
