import { encode } from "../../tests/support/provider/jws.js";

/** Three people who do not exist, with every claim of OpenID Connect Core §5.1. */
const known = [
  {
    sub: "mara",
    name: "Mara Lindqvist",
    given_name: "Mara",
    family_name: "Lindqvist",
    middle_name: "Ingrid",
    nickname: "Mara",
    preferred_username: "mara",
    profile: "https://example.com/mara",
    website: "https://mara.example",
    gender: "female",
    birthdate: "1984-03-09",
    zoneinfo: "Europe/Stockholm",
    locale: "sv-SE",
    updated_at: 1_767_225_600,
    email: "mara@example.com",
    email_verified: true,
    phone_number: "+46 8 555 010 23",
    phone_number_verified: true,
    address: {
      formatted: "Kajgatan 4\n111 20 Stockholm\nSweden",
      street_address: "Kajgatan 4",
      locality: "Stockholm",
      postal_code: "111 20",
      country: "Sweden",
    },
  },
  {
    sub: "tomas",
    name: "Tomás Okafor",
    given_name: "Tomás",
    family_name: "Okafor",
    middle_name: "Emeka",
    nickname: "Tom",
    preferred_username: "tomas",
    profile: "https://example.com/tomas",
    website: "https://tomas.example",
    gender: "male",
    birthdate: "0000-07-21",
    zoneinfo: "Africa/Lagos",
    locale: "en-NG",
    updated_at: 1_764_547_200,
    email: "tomas@example.com",
    email_verified: true,
    phone_number: "+234 1 555 0147",
    phone_number_verified: false,
    address: {
      formatted: "12 Marina Road\nLagos\nNigeria",
      street_address: "12 Marina Road",
      locality: "Lagos",
      country: "Nigeria",
    },
  },
  {
    sub: "yuki",
    name: "Yuki Tanaka",
    given_name: "Yuki",
    family_name: "Tanaka",
    nickname: "Yuki",
    preferred_username: "yuki",
    profile: "https://example.com/yuki",
    website: "https://yuki.example",
    gender: "female",
    birthdate: "1991",
    zoneinfo: "Asia/Tokyo",
    locale: "ja-JP",
    updated_at: 1_759_276_800,
    email: "yuki@example.com",
    email_verified: false,
    phone_number: "+81 3 5550 0188",
    phone_number_verified: true,
    address: {
      formatted: "〒100-0005 東京都千代田区丸の内1-1",
      locality: "千代田区",
      region: "東京都",
      postal_code: "100-0005",
      country: "日本",
    },
  },
];

/** Which claims a scope asks for (OpenID Connect Core §5.4). */
export const claimsOfScopes = {
  openid: ["sub"],
  profile: [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
  ],
  email: ["email", "email_verified"],
  phone: ["phone_number", "phone_number_verified"],
  address: ["address"],
};

/** How much of a name becomes part of a subject, which has at most 255 characters (OpenID Connect Core §2). */
const longestName = 160;

/** The accounts of one provider: the people above, and a new one for any other name. */
export function createPeople(issuer) {
  const people = new Map(known.map((person) => [person.sub, withPicture(person)]));

  function withPicture(person) {
    return { ...person, picture: `${issuer}/people/${person.sub}.svg` };
  }

  return {
    listed: [...people.values()],
    find: (sub) => people.get(sub),
    /** Any name may sign in. The same name is the same person each time. */
    signIn(username) {
      const name = username.trim();
      const listed = people.get(name.toLowerCase());
      if (listed) return listed;
      const sub = `guest-${encode(name).slice(0, longestName)}`;
      if (!people.has(sub)) {
        people.set(
          sub,
          withPicture({
            sub,
            name,
            nickname: name,
            preferred_username: name,
            locale: "en",
            updated_at: Math.floor(Date.now() / 1000),
            email: `${sub}@example.com`,
            email_verified: false,
          }),
        );
      }
      return people.get(sub);
    },
  };
}
